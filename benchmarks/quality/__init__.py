"""How good the emulator's recipes are, beside other recommenders on the same splits, by the application's metrics."""
