"""The probe imports Keras, which need not be here; what it does is tested through its answers."""

collect_ignore = ["probe"]
