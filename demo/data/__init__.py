"""Demo data: ten towns with a year behind them. `content` says what they are, `stories` who came, `towns` writes."""
