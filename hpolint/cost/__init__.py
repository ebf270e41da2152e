"""What tuning jobs cost: at worst, likely, with the advice followed, and in money."""
