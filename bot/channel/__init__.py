"""The one door to patients: the Askwell channel. Import its modules; this package imports none, they load Rasa."""
