from meetups.urls import feeds, hosting, managing, places, public

urlpatterns = [
    *feeds.urlpatterns,
    *places.urlpatterns,
    *public.urlpatterns,
    *hosting.urlpatterns,
    *managing.urlpatterns,
]
