"""URLs of this app, collected from its subpackages."""

from meetups.agenda import urls as agenda
from meetups.attending import urls as attending
from meetups.calendars import urls as calendars
from meetups.door import urls as door
from meetups.managing import urls as managing

urlpatterns = [
    *calendars.urlpatterns,
    *agenda.urlpatterns,
    *attending.urlpatterns,
    *door.urlpatterns,
    *managing.urlpatterns,
]
