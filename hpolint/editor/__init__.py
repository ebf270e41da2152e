"""What editors show of a check, whichever protocol they speak: texts, places, findings, changes and hovers."""
