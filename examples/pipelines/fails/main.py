"""Ends with an exception that nobody catches, as a broken pipeline does."""

ORDERS = [{"id": 1, "amount": "19.90"}, {"id": 2, "amount": "n/a"}]


def total(orders):
    return sum(float(order["amount"]) for order in orders)


print(f"Adding up {len(ORDERS)} orders")
print(total(ORDERS))
