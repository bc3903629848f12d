"""The channels for messages; `notifications.delivery` sends what is due through each of them.

A letter has a topic, a recipient and facts, whatever its channel. To add a channel, such as push messages, write a
class with the methods of `Channel`, and add a value to `notifications.models.Channel` and an entry to `CHANNELS`.
"""

from notifications.channels.channel import Channel, ServerUnavailable
from notifications.channels.email import EmailChannel

CHANNELS: tuple[type[Channel], ...] = (EmailChannel,)

__all__ = ["CHANNELS", "Channel", "ServerUnavailable"]
