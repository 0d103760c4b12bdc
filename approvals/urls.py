"""Addresses of approvals."""

from django.urls import path

from approvals import views

app_name = "approvals"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("<uuid:request_id>/", views.show, name="request"),
    path("<uuid:request_id>/decide/", views.decide, name="decide"),
    path("<uuid:request_id>/viewers/", views.viewers, name="viewers"),
    path("<uuid:request_id>/withdraw/", views.withdraw, name="withdraw"),
]
