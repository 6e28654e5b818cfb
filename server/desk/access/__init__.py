"""Pages for who comes in: sign-in, welcome links, enrolment codes, an officer's own devices."""
