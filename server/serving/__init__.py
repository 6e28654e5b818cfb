"""Between the socket and Flask: gunicorn, slow clients, limits of bodies, forms, proxies."""
