"""What is fast, measured side by side with peers in the same run; each module prints JSON with --json."""
