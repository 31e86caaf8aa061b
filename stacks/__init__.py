"""What exists in the account: one stack that holds data, one that holds everything else."""

from config.jsii import use_bundled_node

use_bundled_node()
