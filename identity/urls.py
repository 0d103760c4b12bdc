"""Sign-in's own addresses: an allow-list. allauth's URLs are never included, nor any form of theirs."""

from django.urls import path

from identity import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/callback/", views.callback, name="sign-in-callback"),
    path("sign-out/", views.sign_out, name="sign-out"),
]
