"""What the blueprints share."""
