"""Send users' events to other users and watch their recommendations follow: the heart of `put_events`."""
