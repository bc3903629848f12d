"""URLs of the demo; `pedbasis.urls` includes them only when settings.DEMO is on."""

from django.urls import URLPattern, path

from demo import views

urlpatterns: list[URLPattern] = [
    path("", views.cast, name="demo"),
    path("binnen/", views.sign_in, name="demo_sign_in"),
    path("post/", views.post, name="demo_post"),
    path("post/<str:name>/", views.mail, name="demo_mail"),
    path("post/<str:name>/html/", views.mail_html, name="demo_mail_html"),
    path("post/<str:name>/<int:number>/", views.mail_attachment, name="demo_mail_attachment"),
]
