from . import core, coverage, fieldwork, installed_base, preventive
