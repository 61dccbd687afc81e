/** The table that holds the rules of `cove audit --fix`: removing it takes them all away. */
export const NFT_TABLE = "inet cove_guard";
