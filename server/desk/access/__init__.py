"""Pages for signing in: passwords, welcome links, enrolment codes, an officer's own devices."""
