"""Channel incentives computed to the cent: rebates, SPIFs and more from point-of-sale exports."""

__version__ = "0.1.0"
