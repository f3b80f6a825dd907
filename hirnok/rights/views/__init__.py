"""Pages of requests: the portal for everybody, the work for staff, opt-outs and orders."""
