"""Demo data: ten towns with a year behind them. `content` reads what they are, `stories` tells who came, `rows` writes."""
