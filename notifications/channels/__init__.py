"""The channels by which people are told something; `notifications.delivery` asks each to send what is due.

A letter names topic, recipient and facts, and no channel needs to know more. A new one (a push message) is a class
here with the methods of `Channel`, a value of `notifications.models.Channel` and a line in `CHANNELS`.
"""

from notifications.channels.channel import Channel, ServerAway
from notifications.channels.email import EmailChannel

CHANNELS: tuple[type[Channel], ...] = (EmailChannel,)

__all__ = ["CHANNELS", "Channel", "ServerAway"]
