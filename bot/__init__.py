"""The dialogue and the ways to it: guardrails, fixed replies, channel, service, command line."""
