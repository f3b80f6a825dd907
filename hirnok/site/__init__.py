"""What joins the rest: the overview page, health, the demo. Knows everything, owns nothing."""
