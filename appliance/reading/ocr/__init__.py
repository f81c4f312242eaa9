"""Scans and photos become lines of text, a few at a time, in a worker that is started when one comes.

Promises: models come from inside the installed package and nothing is ever
asked of a network; one thread; a picture's size is known before it is decoded;
pages and lines are read as they are asked for; blank pages cost their
detection and no more. Nothing here is imported by the service or by the
ordinary workers: the recogniser and its kin take a second and 200 MB to load.
"""
