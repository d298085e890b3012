-- For the made-up county, so that it touches nothing of the hub that stands beside it.
CREATE DATABASE county;
