"""HTTP by itself: what an application is given, body limits, forms, proxies, headers, cookies, the language."""
