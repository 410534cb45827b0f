"""What people read: one page model, and a renderer each for paper, terminal, Markdown and JSON."""
