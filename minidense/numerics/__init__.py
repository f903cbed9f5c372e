"""How TensorFlow rounds: products, sums and exponentials in NumPy, with the same bits."""
