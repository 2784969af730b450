"""What the service tells about itself; stands beside a request's way and never in it."""
