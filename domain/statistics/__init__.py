"""Figures for those who run the service: money by month, meals by day, occupancy, quotients."""
