"""Pages across apps, and the pages for machines and mishaps."""

from pedbasis.views.devices import sign_out_device, sign_out_other_devices, undo_address_change
from pedbasis.views.home import home
from pedbasis.views.machines import (
    bad_request,
    csrf_failure,
    favicon,
    healthz,
    page_not_found,
    permission_denied,
    readyz,
    robots,
    server_error,
)
from pedbasis.views.my import accessibility, my, my_data, my_erase, my_export, privacy

__all__ = [
    "accessibility",
    "bad_request",
    "csrf_failure",
    "favicon",
    "healthz",
    "home",
    "my",
    "my_data",
    "my_erase",
    "my_export",
    "page_not_found",
    "permission_denied",
    "privacy",
    "readyz",
    "robots",
    "server_error",
    "sign_out_device",
    "sign_out_other_devices",
    "undo_address_change",
]
