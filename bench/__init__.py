"""Programs run by hand: what a page costs, what other tools say of our WARCs, a text by hand."""
