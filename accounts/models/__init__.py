"""Users, their roles, devices, changes of address and security events."""

from accounts.models.address_change import AddressChange
from accounts.models.device import Device
from accounts.models.role import Role, RoleQuerySet
from accounts.models.security_event import SecurityEvent
from accounts.models.user import User, UserManager

__all__ = ["AddressChange", "Device", "Role", "RoleQuerySet", "SecurityEvent", "User", "UserManager"]
