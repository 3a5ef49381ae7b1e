"""Reservations: who may book what until when."""
