"""HTTP by itself: gunicorn, slow clients, body limits, forms, proxies, headers, cookies, the language of an answer."""
