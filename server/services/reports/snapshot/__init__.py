"""Locked figures ("Khóa số liệu báo cáo"): a level locks those of all below it, and what is made of a freeze."""
