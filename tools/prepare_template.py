"""Make a fresh database fit to be copied with ``CREATE DATABASE ... TEMPLATE``."""


def main(env):
    # Files beside the database would not be copied with it.
    env["ir.config_parameter"].set_param("ir_attachment.location", "db")
    env["ir.attachment"].force_storage()
    # Browser tests need these bundles: made once here, a minute each run saved.
    env["ir.qweb"]._pregenerate_assets_bundles()
