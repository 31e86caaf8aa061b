"""Settings of the application: one YAML file per stage, checked before anything is deployed."""

from config.load import load_settings, parse_settings
from config.models import ScenarioSettings, Settings
from config.problems import Problem, SettingsError

__all__ = ["Problem", "ScenarioSettings", "Settings", "SettingsError", "load_settings", "parse_settings"]
