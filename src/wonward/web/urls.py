"""The paths."""
urlpatterns: list[object] = []
