"""Foreign bytes are decoded here and nowhere else: photos, PDF, Word and Excel files that somebody sent.

    service.decode(Decoding.PHOTO, [photo], [thumb])      called by a service
        keeper.py     one process beside each server process: no keys, no environment, forks a child for each file
        confinement   the child: no other file, no network, no program, lower priority, limits of its own
        workers/      what reads the file with Pillow, pypdf, python-docx, docxtpl or openpyxl

A file may be made to cost much or to take over what reads it. Here it costs what its row in limits.py allows and
reaches nothing. tests/unit/test_decoding.py keeps that no other module opens such a file with these libraries.
"""
