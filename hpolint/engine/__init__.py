"""Rules × jobs: what a rule's condition is bound to, its verdict on each subject, and findings of one cause joined."""
