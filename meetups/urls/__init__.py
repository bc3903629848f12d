from meetups.urls import feeds, hosting, managing, public

urlpatterns = [
    *feeds.urlpatterns,
    *public.urlpatterns,
    *hosting.urlpatterns,
    *managing.urlpatterns,
]
