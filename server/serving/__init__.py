"""Everything between the socket and Flask: gunicorn, slow clients, body limits, forms, proxies."""
