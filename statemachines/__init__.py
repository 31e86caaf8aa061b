"""The workflows: one module per scenario, built from the steps they share."""

from config.jsii import use_bundled_node

use_bundled_node()
