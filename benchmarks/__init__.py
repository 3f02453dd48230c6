"""What claimbot costs, measured: nothing here runs in the tests but one small round."""
