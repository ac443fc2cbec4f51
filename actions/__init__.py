"""Answering: from passages to a checked reply, run by rasa-sdk. Flat: rasa-sdk would walk sub-packages."""
