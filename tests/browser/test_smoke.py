def test_home_opens(page, live_server, town):
    page.goto(live_server.url)
    assert "Pedbasis" in page.title()
