"""Servers on the loopback address that speak the wire formats of providers, well and badly.

`server` answers requests and keeps what it saw, `dialects` is what providers answer when all is
well, `faults` is what they answer when it is not, `bench` opens a backend against them, `cases`
says of a fault what must come of it.
"""
