"""Plumbing: database, unit of work, events, jobs, audit, mail, files. Knows no noun of the domain."""
