"""What the server does when more is asked of it than it can do."""
