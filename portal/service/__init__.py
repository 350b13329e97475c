"""The doors for machines and operators of the platform: tokens, health, measurements, jobs and files."""
