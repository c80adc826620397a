"""What may be booked and when: pure functions on plain values, no clock, no I/O, no framework."""
